#!/bin/sh
# Runs build.ps1 in pwsh 7.6 or later, or, where there is none, in the small host of tools/CiliumLab.Host.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

if command -v pwsh >/dev/null 2>&1 &&
    pwsh -NoProfile -NonInteractive -Command \
        'exit [int]($PSVersionTable.PSVersion.Major * 100 + $PSVersionTable.PSVersion.Minor -lt 706)'; then
    exec pwsh -NoProfile -File "$root/build.ps1" "$@"
fi

if ! command -v dotnet >/dev/null 2>&1; then
    echo "CiliumLab is built with the .NET SDK 10: install it from https://dot.net" >&2
    exit 1
fi

# Out of the way of the build, which would replace a running program's files.
if ! log=$(dotnet build "$root/tools/CiliumLab.Host" -c Release -o "$root/out/host" -nologo -v quiet 2>&1); then
    printf '%s\n' "$log" >&2
    exit 1
fi
exec dotnet exec "$root/out/host/CiliumLab.Host.dll" -NoModule -File "$root/build.ps1" "$@"
