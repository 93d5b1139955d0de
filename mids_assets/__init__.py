"""mids-assets: MidsReborn releases to checked, normalized PostgreSQL tables.

Only the package's name lives here; the layers are described in docs/architecture.md.
"""
