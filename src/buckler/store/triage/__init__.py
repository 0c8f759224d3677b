"""What triage keeps: imports with their coverage, and alerts as files of columns; in SQLite or PostgreSQL."""
