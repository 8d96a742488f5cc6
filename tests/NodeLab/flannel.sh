# shellcheck shell=bash
# flannel.sh: run on a node with its INDEX and the rules on standard input. Gives the node what flanneld, its CNI
# plug-in and kube-proxy leave in a kernel: flannel.1, cni0, two pods behind veths, routes, neighbours, FDB entries,
# iptables rules and files. What an earlier run left is removed first; with "remove" nothing else happens. With "beside"
# nothing is removed, and the rules come beside those that are there, among them the kubelet's.
#
# Addresses and MACs are those of the recorded lab, so that its rules fit: 10.244.1.2:80 and 10.244.2.2:80 are
# webpod's endpoints, and its ClusterIP 10.96.33.91:80 answers from every node.
set -euo pipefail
index=$1
macs=(e6:0f:9b:40:c3:ec 4e:13:00:49:ce:71 56:19:dc:74:53:eb)

# the same names in every run, in the form that containerd and the bridge plug-in use
pod_hash() { md5sum <<< "pod 10.244.$index.$1" | cut -c1-32; }
pod_namespace() { pod_hash "$1" | sed -E 's/(.{8})(.{4})(.{4})(.{4})(.{12})/cni-\1-\2-\3-\4-\5/'; }
pod_veth() { echo "veth$(pod_hash "$1" | cut -c25-32)"; }

remove() {
  local pod link table
  for pod in 2 3; do
    systemctl --quiet stop "pod-10.244.$index.$pod.service" 2> /dev/null || true
    if [[ -e /run/netns/$(pod_namespace "$pod") ]]; then ip netns delete "$(pod_namespace "$pod")"; fi
    # the namespace's end is what takes its veth away, but not at once
    ip link delete "$(pod_veth "$pod")" 2> /dev/null || true
  done
  for link in cni0 flannel.1; do ip link delete "$link" 2> /dev/null || true; done
  for table in mangle filter nat; do
    iptables -t "$table" -F
    iptables -t "$table" -X
  done
  rm -rf /etc/cni/net.d/10-flannel.conflist /run/flannel /var/lib/cni
}

add_overlay() {
  local other
  ip link add flannel.1 address "${macs[index]}" mtu 1450 type vxlan id 1 local "192.168.10.10$index" dev eth1 dstport 8472 nolearning
  ip address add "10.244.$index.0/32" dev flannel.1
  ip link set flannel.1 up
  for other in 0 1 2; do
    if ((other == index)); then continue; fi
    ip neighbour replace "10.244.$other.0" lladdr "${macs[other]}" dev flannel.1 nud permanent
    bridge fdb append "${macs[other]}" dst "192.168.10.10$other" dev flannel.1
    ip route add "10.244.$other.0/24" via "10.244.$other.0" dev flannel.1 onlink
  done
}

add_pod() {
  local pod=$1 namespace veth
  namespace=$(pod_namespace "$pod") veth=$(pod_veth "$pod")
  ip netns add "$namespace"
  ip link add eth0 mtu 1450 netns "$namespace" type veth peer name "$veth" mtu 1450
  ip link set "$veth" master cni0 up
  bridge link set dev "$veth" hairpin on
  ip -n "$namespace" -batch - <<NETWORK
link set lo up
address add 10.244.$index.$pod/24 brd + dev eth0
link set eth0 up
route add default via 10.244.$index.1
route add 10.244.0.0/16 via 10.244.$index.1
NETWORK
  systemd-run --quiet --collect --unit="pod-10.244.$index.$pod" --property=SuccessExitStatus=143 --property="NetworkNamespacePath=/run/netns/$namespace" \
    socat TCP-LISTEN:80,fork,reuseaddr,nodelay "EXEC:/usr/local/bin/whoami-server webpod-$index-$pod"
}

if [[ ${2:-} != beside ]]; then remove; fi
if [[ ${2:-} == remove ]]; then exit; fi

# answers as traefik/whoami does, the image of the recorded lab's webpod
cat > /usr/local/bin/whoami-server <<'SERVER'
#!/bin/bash
while IFS= read -r -t 5 line && [[ ${line%$'\r'} ]]; do :; done
body="Hostname: $1
IP: $SOCAT_SOCKADDR
RemoteAddr: $SOCAT_PEERADDR:$SOCAT_PEERPORT
"
printf 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "${#body}" "$body"
SERVER
chmod 755 /usr/local/bin/whoami-server

add_overlay
ip link add cni0 mtu 1450 type bridge
ip address add "10.244.$index.1/24" brd + dev cni0
ip link set cni0 up
for pod in 2 3; do add_pod "$pod"; done

# kube-proxy makes its accounting objects before it names them in a rule; on a second run they are there already
nfacct add ct_state_invalid_dropped_pkts 2> /dev/null || true
# flanneld's own network differs from node to node; the counters of the recorded lab say nothing about this one
rules() { sed -E "s#10\.244\.0\.0/24#10.244.$index.0/24#; s/\[[0-9]+:[0-9]+\]/[0:0]/"; }
if [[ ${2:-} == beside ]]; then
  rules | sed -E '/KUBE-(FIREWALL|KUBELET-CANARY|IPTABLES-HINT)/d' | iptables-restore --noflush
else
  rules | iptables-restore
fi

mkdir -p /run/flannel /etc/cni/net.d
cat > /run/flannel/subnet.env <<SUBNET
FLANNEL_NETWORK=10.244.0.0/16
FLANNEL_SUBNET=10.244.$index.1/24
FLANNEL_MTU=1450
FLANNEL_IPMASQ=true
SUBNET
cat > /etc/cni/net.d/10-flannel.conflist <<'CNI'
{
  "name": "cbr0",
  "cniVersion": "0.3.1",
  "plugins": [
    {
      "type": "flannel",
      "delegate": {
        "hairpinMode": true,
        "isDefaultGateway": true
      }
    },
    {
      "type": "portmap",
      "capabilities": {
        "portMappings": true
      }
    }
  ]
}
CNI
