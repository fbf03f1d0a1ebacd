"""How well what is asked is found."""
