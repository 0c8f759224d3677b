"""What triage keeps: imports with their coverage, alerts as files of columns, verdicts; in SQLite or PostgreSQL."""
