"""What a request asks: text in, typed values out, or a refusal that names the parameter."""
