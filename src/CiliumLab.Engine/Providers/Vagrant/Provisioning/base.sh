#!/bin/bash
# base.sh: what every node of the lab has before it becomes part of a cluster. Run by Vagrant as root; running it again is harmless.
#
#   NODES                address=name of every node, separated by commas
#   KUBERNETES_VERSION   such as 1.33.2; its minor version chooses the package repository
#   CONTAINERD_VERSION   such as 1.7.27
#   HELM_VERSION         such as 3.18.6
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

readonly keyrings=/etc/apt/keyrings
# Both are published by their owners; a repository whose key is another one is not used.
readonly kubernetes_key=DE15B14486CD377B9E876E1A234654DA9A296436
readonly docker_key=9DC858229FC7DD38854AE2D88D81803C0EBFCD88
readonly tools=(bash-completion bridge-utils conntrack ipset jq net-tools tcpdump tree)

# shellcheck source=tasks.sh
source /home/vagrant/.ciliumlab/tasks.sh base

name_nodes() {
  local pair
  sed -i '/# lab node$/d' /etc/hosts
  for pair in ${NODES//,/ }; do
    printf '%s %s # lab node\n' "${pair%%=*}" "${pair#*=}" >> /etc/hosts
  done
}

# The kubelet does not start with swap.
turn_swap_off() {
  swapoff -a
  sed -i -E '/^[^#]\S*\s+\S+\s+swap\s/s/^/#/' /etc/fstab
}

prepare_kernel() {
  printf '%s\n' overlay br_netfilter > /etc/modules-load.d/kubernetes.conf
  modprobe overlay
  modprobe br_netfilter
  printf '%s\n' 'net.bridge.bridge-nf-call-iptables = 1' 'net.bridge.bridge-nf-call-ip6tables = 1' 'net.ipv4.ip_forward = 1' \
    > /etc/sysctl.d/90-kubernetes.conf
  sysctl --quiet --load=/etc/sysctl.d/90-kubernetes.conf
}

fetch() { curl --fail --silent --show-error --location --retry 5 --retry-delay 2 --retry-connrefused "$@"; }

# Takes a repository's key when it is the expected one: add_key NAME URL FINGERPRINT
add_key() {
  local name=$1 url=$2 expected=$3 key found
  key=$(mktemp)
  fetch --output "$key" "$url"
  found=$(gpg --batch --show-keys --with-colons "$key" | awk -F: '$1 == "fpr" { print $10; exit }')
  if [[ $found != "$expected" ]]; then
    echo "the key at $url has the fingerprint '$found' and not $expected" >&2
    rm -f "$key"
    return 1
  fi
  gpg --batch --yes --dearmor --output "$keyrings/$name.gpg" "$key"
  chmod 644 "$keyrings/$name.gpg"
  rm -f "$key"
}

install_packages() {
  apt-get install --quiet --yes --no-install-recommends --allow-downgrades --allow-change-held-packages "$@"
}

install_tools() {
  install -d -m 755 "$keyrings"
  apt-get update --quiet
  install_packages ca-certificates curl gpg "${tools[@]}"
}

install_containerd() {
  local repository codename
  # shellcheck source=/dev/null
  repository=$(. /etc/os-release && echo "https://download.docker.com/linux/$ID")
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  add_key docker "$repository/gpg" "$docker_key"
  echo "deb [arch=$(dpkg --print-architecture) signed-by=$keyrings/docker.gpg] $repository $codename stable" > /etc/apt/sources.list.d/docker.list
  apt-get update --quiet
  install_packages "containerd.io=$CONTAINERD_VERSION-*"
  apt-mark hold containerd.io
}

install_kubernetes() {
  local minor=${KUBERNETES_VERSION%.*} repository package packages=()
  repository=https://pkgs.k8s.io/core:/stable:/v$minor/deb/
  add_key kubernetes "${repository}Release.key" "$kubernetes_key"
  echo "deb [signed-by=$keyrings/kubernetes.gpg] $repository /" > /etc/apt/sources.list.d/kubernetes.list
  apt-get update --quiet
  for package in kubeadm kubelet kubectl; do
    packages+=("$package=$KUBERNETES_VERSION-*")
  done
  install_packages "${packages[@]}"
  apt-mark hold kubeadm kubelet kubectl
}

# After kubeadm is there: it knows which pause image goes with its version.
configure_containerd() {
  local pause
  pause=$(kubeadm config images list --kubernetes-version "v$KUBERNETES_VERSION" | grep '/pause:')
  mkdir -p /etc/containerd
  containerd config default > /etc/containerd/config.toml
  sed -i -E -e 's/SystemdCgroup = false/SystemdCgroup = true/' -e "s#registry\.k8s\.io/pause:[0-9.]+#$pause#" /etc/containerd/config.toml
  # A configuration that says it in another way would leave containerd and the kubelet with different cgroups.
  if ! grep --quiet 'SystemdCgroup = true' /etc/containerd/config.toml; then
    echo "containerd $CONTAINERD_VERSION has no SystemdCgroup in its default configuration" >&2
    return 1
  fi
  printf 'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\n' > /etc/crictl.yaml
  systemctl enable containerd kubelet
  systemctl restart containerd
}

install_helm() {
  local archive folder
  archive=helm-v$HELM_VERSION-linux-$(dpkg --print-architecture).tar.gz
  if command -v helm > /dev/null && [[ $(helm version --template '{{.Version}}') == "v$HELM_VERSION" ]]; then
    return
  fi
  folder=$(mktemp -d)
  fetch --output "$folder/$archive" "https://get.helm.sh/$archive"
  fetch --output "$folder/$archive.sha256sum" "https://get.helm.sh/$archive.sha256sum"
  (cd "$folder" && sha256sum --check "$archive.sha256sum")
  tar -xzf "$folder/$archive" -C "$folder"
  install -m 755 "$folder"/linux-*/helm /usr/local/bin/helm
  rm -rf "$folder"
}

task 7 'Name the nodes and turn swap off' eval 'name_nodes; turn_swap_off'
task 7 'Prepare the kernel' prepare_kernel
task 7 'Install tools' install_tools
task 7 "Install containerd $CONTAINERD_VERSION" install_containerd
task 7 "Install Kubernetes $KUBERNETES_VERSION" install_kubernetes
task 7 'Configure containerd' configure_containerd
task 7 "Install Helm $HELM_VERSION" install_helm
