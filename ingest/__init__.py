"""Everything of docstrata that touches the world: files, models, databases, people."""
