#!/bin/bash
# install.sh: what the integration tests need from Debian, as root. Says nothing and takes no time when all is there.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin

# a program of the package -> the package; asking the PATH is faster than asking dpkg
declare -A packages=(
  [debootstrap]=debootstrap [ssh]=openssh-client [ssh-keygen]=openssh-client [sshd]=openssh-server
  [ip]=iproute2 [ss]=iproute2 [sysctl]=procps [nsenter]=util-linux [setpriv]=util-linux [findmnt]=util-linux
  [iptables]=iptables [nft]=nftables [brctl]=bridge-utils [socat]=socat [vagrant]=vagrant [shellcheck]=shellcheck [kubectl]=kubernetes-client
  [tcpdump]=tcpdump [strace]=strace [curl]=curl [python3]=python3
)

missing=()
for program in "${!packages[@]}"; do
  command -v "$program" > /dev/null || missing+=("${packages[$program]}")
done
((${#missing[@]})) || exit 0

if ! command -v apt-get > /dev/null; then
  echo "install.sh: the integration tests need ${missing[*]}; this is not a Debian, so install them by hand" >&2
  exit 1
fi
if ((EUID)); then
  echo "install.sh: the integration tests need ${missing[*]}; run this as root to install them" >&2
  exit 1
fi

# a server that starts by itself would listen on this machine's port 22; the tests start their own
if [[ ! -e /usr/sbin/policy-rc.d ]]; then
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
fi
install() {
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "${missing[@]}" 2>&1
}
# the package lists may be old or, in a container, absent
output=$(install) || { apt-get update --quiet > /dev/null 2>&1 || true; output=$(install); } || {
  printf '%s\n' "$output" | tail -n 5 >&2
  echo "install.sh: apt-get could not install ${missing[*]}" >&2
  exit 1
}
