"""What docstrata tells a monitor: every metric's name, and how a scrape is answered."""
