"""What moved between releases: found, recorded, held for a person, and read back.

Belongs here: comparing two releases, the record that is kept for ever, the bounds beyond which a
person has to agree, and what the marts said on an earlier day. Does not belong here: how a database
stores a release (`assets.warehouse`), nor what a screen shows (`pipelines.cli`).
"""
