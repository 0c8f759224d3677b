#!/bin/sh
# Installs Buckler as its users do, from a wheel into a virtual environment of an unprivileged user, and tries it there:
# the attacks on the sandbox, on every tier, and one flaw from finding to fix. Run by `./do wheel`.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d /var/tmp/buckler-wheel-XXXXXX)  # not below /tmp, which is the sandbox's own inside
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# Root's own interpreters are often out of a plain user's reach; what the system brings is not.
python=
for candidate in /usr/bin/python3 /usr/bin/python3.13 /usr/bin/python3.12 /usr/bin/python3.11 /usr/local/bin/python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "do: no Python 3.11, 3.12 or 3.13 of the system with venv; on Debian install python3-venv" >&2
    exit 1
fi

as_user() {
    if [ "$(id -u)" = 0 ]; then
        HOME=$work/home setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        HOME=$work/home "$@"
    fi
}

mkdir "$work/home" "$work/tmp"
.venv/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$work" .
cp -r tests pyproject.toml examples "$work"
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$work"
cd "$work"
export TMPDIR="$work/tmp" PYTHONDONTWRITEBYTECODE=1
as_user "$python" -m venv venv
as_user venv/bin/python -m pip install --quiet --disable-pip-version-check ./buckler-*.whl pytest==9.2.0 pytest-timeout==2.4.0
as_user venv/bin/python -m pytest -p no:cacheprovider tests/attacks/test_sandbox.py
as_user venv/bin/buckler defend examples/shop --rule sql-injection --cache "$work/home/cache.sqlite"
echo "wheel: installed and tried as an unprivileged user"
