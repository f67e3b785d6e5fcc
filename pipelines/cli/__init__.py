"""The command `thoatngheo`: what a person or a scheduler types."""
