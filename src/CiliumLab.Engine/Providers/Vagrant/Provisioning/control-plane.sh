#!/bin/bash
# control-plane.sh: makes the lab's cluster on this node. Run by Vagrant as root after base.sh; running it again is harmless.
#
#   NODE_NAME, NODE_ADDRESS    this node, and its address between the nodes
#   KUBERNETES_VERSION         such as 1.33.2
#   POD_CIDR, SERVICE_CIDR     the cluster's networks
#   KUBELET_NODE_IP            the address that the kubelet reports; empty to let it choose for itself
set -euo pipefail
# shellcheck source=tasks.sh
source /home/vagrant/.ciliumlab/tasks.sh control-plane

readonly admin=/etc/kubernetes/admin.conf
readonly made=/etc/kubernetes/ciliumlab-cluster

write_config() {
  write_kubeadm_config <<YAML
apiVersion: $(kubeadm_api)
kind: InitConfiguration
bootstrapTokens:
  - token: $BOOTSTRAP_TOKEN
    ttl: 24h0m0s
    description: for the workers of the lab
localAPIEndpoint:
  advertiseAddress: $NODE_ADDRESS
  bindPort: 6443
$(node_registration)
---
apiVersion: $(kubeadm_api)
kind: ClusterConfiguration
kubernetesVersion: v$KUBERNETES_VERSION
networking:
  podSubnet: $POD_CIDR
  serviceSubnet: $SERVICE_CIDR
YAML
}

make_cluster() {
  if [[ -e $made ]]; then
    return
  fi
  # what an attempt left that did not come to its end would be in the way of the next one
  if compgen -G '/etc/kubernetes/manifests/*.yaml'; then
    kubeadm reset --force
  fi
  write_config
  kubeadm init --config "$kubeadm_config" --skip-token-print
  touch "$made"
}

# A second attempt may come when the token's time is over.
keep_token() {
  if kubeadm token list --kubeconfig "$admin" | grep --quiet --fixed-strings "$BOOTSTRAP_TOKEN "; then
    return
  fi
  kubeadm token create --kubeconfig "$admin" --ttl 24h0m0s "$BOOTSTRAP_TOKEN" > /dev/null
}

give_kubectl() {
  local home
  for home in /root /home/vagrant; do
    install -d -m 700 "$home/.kube"
    install -m 600 "$admin" "$home/.kube/config"
    if ! grep --quiet --no-messages 'kubectl completion' "$home/.bashrc"; then
      printf '%s\n' 'source <(kubectl completion bash)' 'alias k=kubectl' 'complete -o default -F __start_kubectl k' >> "$home/.bashrc"
    fi
  done
  chown -R vagrant: /home/vagrant/.kube /home/vagrant/.bashrc
}

trap 'rm -f "$handed_over"' EXIT
# shellcheck source=/dev/null
source "$handed_over"
task 3 "Make the control plane" make_cluster
task 3 "Keep the workers' token" keep_token
task 3 "Give kubectl to root and vagrant" give_kubectl
