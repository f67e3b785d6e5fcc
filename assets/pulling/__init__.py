"""How files come: drops listed and copied, databases asked, every attempt given an outcome."""
