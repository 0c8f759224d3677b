#!/bin/sh
# The few words to remember: env demo check test wheel nightly bless new bench docs. Run ./do without a word for help.
set -eu
cd "$(dirname "$0")"
venv=.venv
bin=$venv/bin

usage() {
    cat <<'TXT'
usage: ./do WORD

  env               make .venv and install Buckler with its development tools
  demo              find, prove and fix the flaws of the example shop; reports go to demo-report/
  check             lint and types only, the fast loop
  test              everything CI runs
  wheel             install the wheel as an unprivileged user, and try the sandbox and a fix there
  nightly [ARGS]    all attacks, 1,000 kills and 10,000 damaged inputs; takes an hour
  bless             rewrite golden files, then review the difference with git diff
  new KIND NAME     scaffold a rule, weakness, fixer, oracle, library, language, importer, claims, manifest or format
  bench [ARGS]      run the benchmarks
  docs              regenerate docs/rules/ and the terminal picture
TXT
}

find_python() {
    for candidate in ${BUCKLER_PYTHON:-} python3 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "do: no Python 3.11, 3.12 or 3.13 on PATH; install one or set BUCKLER_PYTHON" >&2
    return 1
}

make_venv() {
    python=$(find_python)
    "$python" -m venv "$venv" && return
    rm -rf "$venv"
    echo "do: '$python -m venv' failed; on Debian and Ubuntu install the python3-venv package" >&2
    return 1
}

env() {
    stamp=$(cksum < pyproject.toml)
    if [ -x "$bin/buckler" ] && [ "$(cat $venv/stamp 2>/dev/null)" = "$stamp" ]; then
        return
    fi
    [ -x "$bin/python" ] || make_venv
    echo "installing into $venv ..." >&2
    "$bin/python" -m pip install --quiet --disable-pip-version-check -e '.[dev]'
    echo "$stamp" > $venv/stamp
}

check() {
    "$bin/ruff" check .
    "$bin/ruff" format --check .
    "$bin/mypy" --strict src
}

demo() {
    mkdir -p demo-report
    code=0
    "$bin/buckler" defend examples/shop \
        --format html --output demo-report/shop.html \
        --format markdown --output demo-report/shop.md \
        --format json --output demo-report/shop.json \
        --format sarif --output demo-report/shop.sarif \
        --format terminal --evidence-dir demo-report/evidence || code=$?
    case $code in
        0|1|3|4) ;;
        *) return "$code" ;;
    esac
    echo
    echo "reports: demo-report/shop.html  demo-report/shop.md  demo-report/shop.json  demo-report/shop.sarif"
    echo "evidence: demo-report/evidence/ (a test and a patch for each finding; buckler verify runs them again)"
}

word=${1:-help}
[ $# -eq 0 ] || shift
case $word in
    env)   env; echo "ready: $bin/buckler" ;;
    demo)  env; demo ;;
    check) env; check ;;
    test)  env; check; "$bin/lint-imports"; "$bin/python" -m pytest -n "${BUCKLER_TEST_PROCESSES:-3}" "$@" ;;
    wheel) env; scripts/try_wheel.sh ;;
    nightly) env; "$bin/python" scripts/nightly.py "$@" ;;
    bless) env; BUCKLER_BLESS=1 "$bin/python" -m pytest "$@" ;;
    new)   env; "$bin/python" scripts/new.py "$@" ;;
    bench)
        if [ ! -f benchmarks/run.py ]; then
            echo "do: there is no benchmarks/run.py" >&2
            exit 2
        fi
        env
        "$bin/python" benchmarks/run.py "$@" ;;
    docs)  env; "$bin/python" scripts/docs.py "$@" ;;
    help|-h|--help) usage ;;
    *) usage >&2; exit 2 ;;
esac
