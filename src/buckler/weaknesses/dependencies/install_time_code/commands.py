"""What a command line does that no build needs: it downloads and runs, decodes and runs, sends secrets, comes back.

A command may be known in part only; whoever asks puts `?` where something unknown stands.

Example::

    does("curl -s https://example.org/x | sh")      # "downloads and runs"
    does("node-gyp rebuild")                        # ""
"""

from __future__ import annotations

import re

LONGEST = 8_000
"""Characters of a command that are looked at, runs of blanks counted as one."""
BLANKS = re.compile(r"[ \t]{2,}")
START = r"(?:^|[\s;&|\"'(/\\])"
RUNNER = r"(?:(?:ba|z|da|k)?sh|python[\d.]*|node|perl|ruby|php|iex|cmd|powershell|pwsh|Invoke-Expression)(?:\.exe)?\b"
FETCHER = (
    rf"(?:{START}(?:curl|wget|iwr|irm|bitsadmin)(?:\.exe)?\s|Invoke-WebRequest|Invoke-RestMethod|Start-BitsTransfer"
    r"|DownloadString|DownloadFile|-urlcache)"
)
FETCHES = re.compile(FETCHER, re.I)
RUNS_FETCHED = re.compile(
    rf"{FETCHER}[^\n]*\|\s*(?:sudo\s+)?(?:\S*/)?{RUNNER}"  # … | sh
    rf"|{RUNNER}[^\n]*(?:<\(|\$\(|`)\s*(?:curl|wget)\b"  # sh -c "$(curl …)"
    rf"|(?:iex|Invoke-Expression)\b[^\n]*{FETCHER}"
    rf"|{FETCHER}.*(?:&|;|\n)\s*(?:sudo\s+)?(?:chmod\s+\S*(?:\+x|7\d\d)|\.{{1,2}}[/\\]|start\s|(?:\S*/)?{RUNNER}\s)"
    r"|(?:mshta|regsvr32|rundll32)\b[^\n]*(?:https?:|javascript:)",
    re.I | re.S,
)
RUNS_DECODED = re.compile(
    rf"base64\s+(?:-d|-D|--decode)[^\n]*\|\s*(?:sudo\s+)?(?:\S*/)?{RUNNER}"
    r"|(?:powershell|pwsh)(?:\.exe)?\b[^\n]*\s-e(?:c|nc|ncodedcommand)?\s+[\"']?[\w+/=]{16,}",
    re.I,
)
SENDS = re.compile(
    r"(?:\b(?:curl|wget|nslookup|dig|ping)\b)[^\n]*(?:\$\(|`)\s*(?:whoami|hostname|id|env|printenv|pwd|uname|cat)\b"
    r"|(?:\b(?:env|printenv|set|cat\s+\S*/\.\w+\S*)\s*\|[^\n]*\b(?:curl|wget|nc)\b)"
    r"|\bcurl\b[^\n]*@(?:~|\$HOME|/root|/home/\S+?)/\.",
    re.I,
)
OPENS = re.compile(r"/dev/(?:tcp|udp)/|\bncat?\b[^\n]*\s-e\s|\bsh\s+-i\s*[<>&0-9]", re.I)
COMES_BACK = re.compile(
    r"\bcrontab\b(?!\s+-l\s*$)|systemctl\b[^\n]*\benable\b|schtasks\b[^\n]*/create|\breg(?:\.exe)?\s+add\b[^\n]*\\Run\b"
    r"|>>?\s*\S*/\.(?:bashrc|zshrc|profile|bash_profile)\b|launchctl\s+(?:load|bootstrap)",
    re.I,
)
INLINE = re.compile(rf"{START}(?:python[\d.]*|node|perl|ruby)(?:\.exe)?\s+(?:-\w+\s+)*-(?:c|e|p|-eval)\b", re.I)
RUNS = re.compile(r"\b(?:exec|eval|Function|system|popen|spawn|execSync|execFile|call|run|__import__)\b\W")
DECODES = re.compile(r"b64decode|a85decode|b85decode|fromhex|unhexlify|decompress|marshal|\batob\b|fromCharCode|base64")
ASKS = re.compile(r"urlopen|urlretrieve|requests\.\w+\(|https?\.(?:get|request)\(|\bfetch\(|\bhttps?://", re.I)
SECRETS = re.compile(r"process\.env\b(?!\.)|os\.environ\b(?![\[.])|JSON\.stringify\(\s*process\.env")


def does(command: str) -> str:
    """What is wrong with a command line in words that follow "a command which"; empty if nothing is."""
    text = _cut(command)
    for pattern, what in (
        (RUNS_FETCHED, "downloads and runs something"),
        (RUNS_DECODED, "decodes text and runs it"),
        (SENDS, "sends what it reads on this machine to another"),
        (OPENS, "gives another machine a shell here"),
        (COMES_BACK, "has something started again later"),
    ):
        if pattern.search(text):
            return what
    return of_code(text) if INLINE.search(text) else ""


def of_code(text: str) -> str:
    """The same for code that stands in a text: one that is handed to an interpreter."""
    text = _cut(text)
    asks = ASKS.search(text) is not None
    if asks and SECRETS.search(text):
        return "sends the environment to another machine"
    if RUNS.search(text) and DECODES.search(text):
        return "decodes text and runs it"
    return "downloads and runs something" if RUNS.search(text) and asks else ""


def fetches(command: str) -> bool:
    """It asks another machine for something."""
    return FETCHES.search(_cut(command)) is not None


def _cut(text: str) -> str:
    return BLANKS.sub(" ", text)[:LONGEST]
