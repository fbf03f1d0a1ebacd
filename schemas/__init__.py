"""The contracts: frozen records, identifiers and the error tree. Imports nothing else of docstrata."""
