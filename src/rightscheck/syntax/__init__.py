"""Readers of the web's formats: text encodings, HTML, XML, JSON, linked data, structured fields, ZIP, URLs."""
