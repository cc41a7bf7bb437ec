"""`nuanfeng report`: one street office or district as a page, a PDF, a workbook or a map."""
