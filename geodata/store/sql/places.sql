-- Rows for QGIS out of the places' own GeoJSON (records.py); lists stay lists, null stays unknown.
INSERT INTO nuanfeng.place
       (release, id, kind, name, name_en, address, district, street, door, opening_hours, opening_hours_text, operator,
        offers, parent_street_id, verified_by, src_file, src_sheet, src_id, src_datum, phones, services, needs,
        audience, zones, capacity, verified_at, src_row, src_lon, src_lat, type, fee, wheelchair, level, maybe, position,
        radius_m, layer, source, licence, entry, point, line)
SELECT %(release)s, record ->> 'id', said.kind, said.name, said.name_en, said.address, said.district, said.street,
       said.access ->> 'door', said.opening_hours, said.opening_hours_text, said.operator, said.offers,
       said.parent_street_id, known.verified_by, known.file, known.sheet, known.id, known.datum, said.phones,
       said.services, said.needs, ARRAY(SELECT jsonb_array_elements_text(said.access -> 'audience')), said.zones,
       said.capacity, known.verified_at, known.row, known.lon, known.lat, said.type, said.fee, said.wheelchair,
       said.level, said.maybe, said.position, said.radius_m, said.layer, said.source, said.licence,
       NULLIF(said.access -> 'entry', 'null'),
       CASE WHEN ST_GeometryType(shape) = 'ST_Point' THEN shape END,
       CASE WHEN ST_GeometryType(shape) = 'ST_LineString' THEN shape END
  FROM staged,
       ST_SetSRID(ST_GeomFromGeoJSON(record -> 'geometry'), 4326) AS shape,
       jsonb_to_record(record -> 'properties') AS said
         (kind text, name text, name_en text, address text, district text, street text, access jsonb,
          opening_hours text, opening_hours_text text, operator text, offers text, parent_street_id text,
          phones text[], services text[], needs text[], zones text[], capacity integer, type text, fee text,
          wheelchair text, level text, maybe text[], position text, radius_m double precision, layer text,
          source text, licence text),
       jsonb_to_record(record -> 'properties' -> 'provenance') AS known
         (verified_at date, verified_by text, file text, sheet text, row bigint, id text, datum text,
          lon double precision, lat double precision)
