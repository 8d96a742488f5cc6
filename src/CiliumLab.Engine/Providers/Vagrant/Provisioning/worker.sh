#!/bin/bash
# worker.sh: joins this node to the lab's cluster. Run by Vagrant as root after base.sh; running it again is harmless.
#
#   NODE_NAME             this node
#   API_SERVER            the control plane's address and port
#   KUBERNETES_VERSION    such as 1.33.2
#   KUBELET_NODE_IP       the address that the kubelet reports; empty to let it choose for itself
set -euo pipefail
# shellcheck source=tasks.sh
source /home/vagrant/.ciliumlab/tasks.sh worker

readonly joined=/etc/kubernetes/ciliumlab-joined

write_config() {
  write_kubeadm_config <<YAML
apiVersion: $(kubeadm_api)
kind: JoinConfiguration
discovery:
  bootstrapToken:
    apiServerEndpoint: $API_SERVER
    token: $BOOTSTRAP_TOKEN
    caCertHashes:
      - $CA_CERT_HASH
$(node_registration)
YAML
}

join_cluster() {
  if [[ -e $joined ]]; then
    return
  fi
  # what an attempt left that did not come to its end would be in the way of the next one
  if [[ -e /etc/kubernetes/kubelet.conf || -e /etc/kubernetes/bootstrap-kubelet.conf ]]; then
    kubeadm reset --force
  fi
  write_config
  kubeadm join --config "$kubeadm_config"
  touch "$joined"
}

trap 'rm -f "$handed_over"' EXIT
# shellcheck source=/dev/null
source "$handed_over"
task 1 "Join the cluster" join_cluster
