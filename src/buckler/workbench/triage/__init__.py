"""Triage: reports of any tool in, one ranked queue out; nothing lost, and nothing merged or closed without a reason."""
