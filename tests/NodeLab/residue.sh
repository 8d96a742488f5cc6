# shellcheck shell=bash
# residue.sh: run on a node with its INDEX and one of these words.
#
#   strangers  what must survive every removal: rules, tables, sets, links and files of a user, of Docker and of the kubelet,
#              with names that come as near to flannel's and kube-proxy's as names can
#   leftovers  what flanneld and kube-proxy leave in other modes than flannel.sh's: IPv6, legacy iptables, nftables, IPVS
#   print      the whole state of the kernel and of CNI's folders, in an order that does not depend on how it came about
#   remove     undoes the first two
set -euo pipefail
index=$1
network=fd00:192:168:10

restore() { "$1-restore" --noflush --counters; }

# Who looks for KUBE in a line, or for a prefix in a name, takes these away. None of them can match a packet of the tests.
strangers_rules() {
  local program=$1 source=$2 everywhere=$3
  restore "$program" <<RULES
*mangle
:KUBE-IPTABLES-HINT - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
COMMIT
*filter
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
:FLANNEL-MINE - [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-SVC-MINE - [0:0]
:MY-KUBE-SERVICES - [0:0]
[12:3456] -A INPUT -p tcp -m tcp --dport 2222 -m comment --comment "KUBE-SERVICES admins come in here" -j ACCEPT
-A INPUT -j KUBE-FIREWALL
[5:500] -A FORWARD -o docker0 -p tcp -m tcp --dport 2222 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
[7:700] -A FORWARD -o docker0 -p tcp -m tcp --dport 2222 -j DOCKER-USER
[8:800] -A FORWARD -s $source -p tcp -m tcp --dport 2222 -m comment --comment "flanneld forwards this, too" -j ACCEPT
-A OUTPUT -j KUBE-FIREWALL
[9:900] -A DOCKER -d $source ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
[1:1] -A DOCKER-USER -j RETURN
[2:2] -A FLANNEL-MINE -m comment --comment "flanneld forward" -j ACCEPT
[3:3] -A KUBE-SVC-MINE -m comment --comment "it's \"mine\"" -j MY-KUBE-SERVICES
[4:4] -A MY-KUBE-SERVICES -m mark --mark 0x4000/0x4000 -j RETURN
COMMIT
*nat
:DOCKER - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-MARK-DROP - [0:0]
[21:2100] -A PREROUTING -p tcp -m tcp --dport 2222 -m addrtype --dst-type LOCAL -j DOCKER
[22:2200] -A POSTROUTING -s $source ! -o docker0 -j MASQUERADE
[23:2300] -A DOCKER ! -i docker0 -p tcp -m tcp --dport 2222 -m comment --comment "KUBE-SEP-ETI7FUQQE3BS2IXE" -j REDIRECT --to-ports 22
[24:2400] -A KUBE-MARK-DROP -d $everywhere -j MARK --set-xmark 0x8000/0x8000
COMMIT
RULES
}

strangers() {
  strangers_rules iptables-nft 172.17.0.0/16 0.0.0.0/0
  strangers_rules iptables-legacy 172.18.0.0/16 0.0.0.0/0
  strangers_rules ip6tables-nft fd00:172:17::/64 ::/0
  strangers_rules ip6tables-legacy fd00:172:18::/64 ::/0
  nft -f - <<'TABLES'
table inet kube-proxy { chain mine { tcp dport 2222 counter packets 31 bytes 3100 accept comment "KUBE-SERVICES"; }; }
table ip flannel-ipv4-mine { chain mine { counter packets 32 bytes 3200 return; }; }
TABLES
  ipset create KUBE-MINE hash:ip
  ipset add KUBE-MINE 203.0.113.7
  # names of flannel's on links of another kind, and a bridge with a pod's pair that another plugin made
  ip link add flannel.9 type bridge
  ip link add mine0 type bridge
  ip netns add mine
  ip link add eth0 netns mine type veth peer name veth00c0ffee
  ip link set veth00c0ffee master mine0
  ip address add "$network::10$index/64" dev eth1 nodad
  ip route add 198.51.100.0/24 via "192.168.10.1$((index + 1))0" dev eth1
  ip neighbour replace 192.168.10.77 lladdr 02:00:00:00:00:77 dev eth1 nud permanent
  mkdir -p /etc/cni/net.d /opt/cni/bin /var/lib/cni/networks/mine /var/lib/cni/results
  echo '{"name": "mine", "cniVersion": "0.3.1", "plugins": [{"type": "bridge", "bridge": "mine0"}]}' > /etc/cni/net.d/20-mine.conflist
  echo portmap > /opt/cni/bin/portmap
  echo "flannel is not in here" > /opt/cni/bin/flannel-mine
  echo mine > /var/lib/cni/networks/mine/10.1.0.2
  echo '{}' > /var/lib/cni/results/mine-0123-eth0
}

# kube-proxy's chains as the recorded lab has them, cut down to one service
proxy_rules() {
  local service=$1 pods=$2 endpoint=$3
  cat <<RULES
*mangle
:KUBE-PROXY-CANARY - [0:0]
COMMIT
*filter
:KUBE-FORWARD - [0:0]
:KUBE-PROXY-CANARY - [0:0]
:KUBE-PROXY-FIREWALL - [0:0]
:KUBE-SERVICES - [0:0]
-I INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-I FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
COMMIT
*nat
:KUBE-MARK-MASQ - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-PROXY-CANARY - [0:0]
:KUBE-SEP-PQBQBGZJJ5FKN3TB - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-CNZCPOCNCNOROALA - [0:0]
-I PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-I POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
-A KUBE-SERVICES -d $service -p tcp -m comment --comment "default/webpod cluster IP" -m tcp --dport 80 -j KUBE-SVC-CNZCPOCNCNOROALA
-A KUBE-SVC-CNZCPOCNCNOROALA ! -s $pods -d $service -p tcp -m comment --comment "default/webpod cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
-A KUBE-SVC-CNZCPOCNCNOROALA -m comment --comment "default/webpod -> $endpoint" -j KUBE-SEP-PQBQBGZJJ5FKN3TB
-A KUBE-SEP-PQBQBGZJJ5FKN3TB -p tcp -m comment --comment "default/webpod" -m tcp -j DNAT --to-destination $endpoint
-A DOCKER -p tcp -m tcp --dport 2222 -m comment --comment "a stranger's rule that needs kube-proxy's chain" -j KUBE-MARK-MASQ
COMMIT
RULES
}

flannel_rules() {
  local pods=$1 multicast=$2
  cat <<RULES
*filter
:FLANNEL-FWD - [0:0]
-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
-A FLANNEL-FWD -s $pods -m comment --comment "flanneld forward" -j ACCEPT
COMMIT
*nat
:FLANNEL-POSTRTG - [0:0]
-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
-A FLANNEL-POSTRTG -s $pods ! -d $multicast -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
COMMIT
RULES
}

leftovers() {
  local other
  proxy_rules 10.96.33.91/32 10.244.0.0/16 10.244.1.2:80 | restore iptables-legacy
  flannel_rules 10.244.0.0/16 224.0.0.0/4 | restore iptables-legacy
  # as flanneld before 0.21 did: no chains, and a comment on each rule
  restore iptables-legacy <<'RULES'
*filter
-A FORWARD -d 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
COMMIT
*nat
-A POSTROUTING -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN
COMMIT
RULES
  for program in ip6tables-nft ip6tables-legacy; do
    proxy_rules fd00:10:96::5b/128 fd00:10:244::/56 '[fd00:10:244:1::2]:80' | restore "$program"
    flannel_rules fd00:10:244::/56 ff00::/8 | restore "$program"
  done
  nft -f - <<'TABLES'
table ip flannel-ipv4 { chain postrtg { type nat hook postrouting priority srcnat; ip saddr 10.244.0.0/16 ip daddr != 224.0.0.0/4 masquerade; }; }
table ip6 flannel-ipv6 { chain forward { type filter hook forward priority filter; ip6 saddr fd00:10:244::/56 accept; }; }
table ip kube-proxy { map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }; chain services { ip daddr . meta l4proto . th dport vmap @service-ips; }; }
table ip6 kube-proxy { chain services { return; }; }
TABLES
  ipset create KUBE-CLUSTER-IP hash:ip,port
  ipset add KUBE-CLUSTER-IP 10.96.33.91,tcp:80
  ipset create KUBE-6-LOOP-BACK hash:ip,port,ip family inet6
  ipset create KUBE-6-LOAD-BALANCER-SOURCE-CID hash:ip,port,net family inet6
  # not every kernel of the tests has dummy links
  ip link add kube-ipvs0 type bridge
  ip address add 10.96.33.91/32 dev kube-ipvs0
  ip link add flannel-v6.1 type vxlan id 1 local "$network::10$index" dev eth1 dstport 8472 nolearning
  ip address add "fd00:10:244:$index::/128" dev flannel-v6.1 nodad
  ip link set flannel-v6.1 up
  for other in 0 1 2; do
    if ((other == index)); then continue; fi
    ip neighbour replace "fd00:10:244:$other::" lladdr "02:00:00:00:06:0$other" dev flannel-v6.1 nud permanent
    bridge fdb append "02:00:00:00:06:0$other" dst "$network::10$other" dev flannel-v6.1
    ip route add "fd00:10:244:$other::/64" via "fd00:10:244:$other::" dev flannel-v6.1 onlink
  done
  # the second pod has ended, and nobody told the plugin
  systemctl --quiet stop "pod-10.244.$index.3.service"
  mkdir -p /var/lib/cni/networks/cbr0 /var/lib/cni/results /var/lib/cni/flannel
  echo flannel > /opt/cni/bin/flannel
  echo 0123 > "/var/lib/cni/networks/cbr0/10.244.$index.2"
  echo '{}' > /var/lib/cni/results/cbr0-0123-eth0
  echo '{}' > /var/lib/cni/flannel/0123
}

# Counters of policies and of the kubelet's jumps count what the tests themselves send.
print_rules() {
  local program
  for program in iptables-nft iptables-legacy ip6tables-nft ip6tables-legacy; do
    "$program-save" -c | sed -E '/^#/d; /^:/s/\[.*//; /-j KUBE-FIREWALL$/s/^\[[0-9:]+\] //' | awk -v program="$program" '
      /^\*/ { table = $0 }
      /^:/ { print program, table, $0 | "sort"; next }
      /^\[|^-A/ { rules[++count] = program " " table " " $0 }
      END { close("sort"); for (i = 1; i <= count; i++) print rules[i] }'
  done
}

print() {
  local table
  print_rules
  nft list tables | sort | while read -r _ family table; do
    case $family/$table in
      ip/filter | ip/nat | ip/mangle | ip6/filter | ip6/nat | ip6/mangle) ;;
      *) nft list table "$family" "$table" ;;
    esac
  done
  ipset list -name | sort | while read -r set; do ipset save "$set"; done
  ip -o link show | awk '{ sub(/[:@].*/, "", $2); for (i = 3; i < NF; i++) if ($i == "master") $2 = $2 " of " $(i + 1); print "link", $2 }' | sort
  # the kernel gives links their link-local addresses, and joins multicast groups, some time after it has made them
  { ip -o -4 address show; ip -o -6 address show; } | awk '!/(veth|cni0|flannel|kube-ipvs0).*fe80/ { print "address", $2, $3, $4 }' | sort
  { ip -4 route show table all; ip -6 route show table all; } | sed -E '/(fe80|ff00).*(veth|cni0|flannel|kube-ipvs0)/d; s/^/route /; s/ +$//' | sort
  { ip -4 neighbour show nud permanent; ip -6 neighbour show nud permanent; } | sed 's/^/neighbour /; s/ *$//' | sort
  bridge fdb show | sed '/^33:33:/d; /^01:00:5e:/d; s/^/fdb /; s/ *$//' | sort
  find /etc/cni /opt/cni /run/flannel /var/lib/cni -type f -exec sha256sum {} + 2> /dev/null | sort -k 2 || true
}

remove() {
  local table program link family
  for program in iptables-nft iptables-legacy ip6tables-nft ip6tables-legacy; do
    for table in mangle filter nat; do
      "$program" -t "$table" -F
      "$program" -t "$table" -X
    done
  done
  nft list tables | while read -r _ family table; do
    case $family/$table in inet/kube-proxy | */flannel-* | */kube-proxy) nft delete table "$family" "$table" ;; esac
  done
  ipset destroy
  for link in flannel.9 mine0 kube-ipvs0 flannel-v6.1 veth00c0ffee; do ip link delete "$link" 2> /dev/null || true; done
  if [[ -e /run/netns/mine ]]; then ip netns delete mine; fi
  ip address delete "$network::10$index/64" dev eth1 2> /dev/null || true
  ip route delete 198.51.100.0/24 2> /dev/null || true
  ip neighbour delete 192.168.10.77 dev eth1 2> /dev/null || true
  rm -rf /etc/cni/net.d/20-mine.conflist /opt/cni/bin/{portmap,flannel,flannel-mine} /var/lib/cni /var/lib/ciliumlab
}

"$2"
