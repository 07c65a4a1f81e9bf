"""Tables of forces, as text, spreadsheet, array or JSON."""
