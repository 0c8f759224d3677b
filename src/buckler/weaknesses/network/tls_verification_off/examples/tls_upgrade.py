"""Mail over a line that is encrypted later."""

import smtplib


def deliver(host, text):
    line = smtplib.SMTP(host)
    line.starttls()
    line.sendmail("shop@example.org", "team@example.org", text)
