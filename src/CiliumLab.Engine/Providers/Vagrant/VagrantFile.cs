using System.Globalization;
using System.Net;
using System.Text;
using CiliumLab.Engine.Labs.Description;

namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>Writes a lab's Vagrantfile: what the machines are, and which scripts make them nodes. It has no secret in it.</summary>
internal static class VagrantFile
{
    /// <summary>The file's name, which Vagrant looks for.</summary>
    public const string Name = "Vagrantfile";

    /// <summary>The file's text.</summary>
    /// <param name="lab">The lab's name.</param>
    /// <param name="topology">What it is made of.</param>
    public static string Text(string lab, LabTopology topology)
    {
        var nodes = string.Join(
            ",\n",
            topology.NodeNames.Select((name, index) => string.Create(
                CultureInfo.InvariantCulture,
                $"  {{ name: {Ruby(name)}, address: {Ruby(topology.NodeAddress(index).ToString())}, ssh_port: {topology.SshPort + index} }}")));
        var version = topology.WantedBoxVersion is { } wanted ? $"\n  config.vm.box_version = {Ruby(wanted)}" : "";
        return $$"""
            # The machines of the lab {{Ruby(lab)}}, as New-LabCluster made them. It is written anew when New-LabCluster goes on with the lab;
            # change the lab with the parameters of New-LabCluster, not here.
            ENV["VAGRANT_DEFAULT_PROVIDER"] ||= "virtualbox"

            # The control plane comes first, the workers join it.
            NODES = [
            {{nodes}}
            ].freeze

            # How workers join: a token, and what the cluster's CA is known by. The file is there only while the lab is being made.
            JOIN = File.expand_path({{Ruby(VagrantJoin.File)}}, __dir__)

            Vagrant.configure("2") do |config|
              config.vm.box = {{Ruby(topology.Box)}}{{version}}
              config.vm.box_check_update = false
              config.vm.boot_timeout = 600
              config.vm.synced_folder ".", "/vagrant", disabled: true

              NODES.each_with_index do |node, index|
                control_plane = index.zero?

                config.vm.define node[:name] do |machine|
                  machine.vm.hostname = node[:name]
                  machine.vm.network "private_network", ip: node[:address], netmask: {{Ruby(Netmask(topology.NodeNetwork))}}
                  machine.vm.network "forwarded_port", id: "ssh", guest: 22, host: node[:ssh_port], host_ip: "127.0.0.1", auto_correct: true

                  machine.vm.provider "virtualbox" do |virtualbox|
                    virtualbox.name = {{Ruby(MachineName(lab, ""))}} + node[:name]
                    virtualbox.cpus = {{topology.Cpu}}
                    virtualbox.memory = {{topology.Memory}}
                    virtualbox.linked_clone = true
                  end

                  kubelet = {
                    NODE_NAME: node[:name],
                    KUBERNETES_VERSION: {{Ruby(topology.KubernetesVersion)}},
                    KUBELET_NODE_IP: {{(topology.KeepNatNodeIp ? "\"\"" : "node[:address]")}}
                  }

                  machine.vm.provision "tasks", type: "file", source: {{Ruby(VagrantProvisioning.Folder + "/tasks.sh")}}, destination: "/home/vagrant/.ciliumlab/tasks.sh"
                  machine.vm.provision "base", type: "shell", path: {{Ruby(VagrantProvisioning.Folder + "/base.sh")}}, env: {
                    NODES: NODES.map { |other| "#{other[:address]}=#{other[:name]}" }.join(","),
                    KUBERNETES_VERSION: {{Ruby(topology.KubernetesVersion)}},
                    CONTAINERD_VERSION: {{Ruby(topology.ContainerdVersion)}},
                    HELM_VERSION: {{Ruby(VagrantProvisioning.HelmVersion)}}
                  }
                  next unless File.exist?(JOIN)

                  machine.vm.provision "join", type: "file", source: JOIN, destination: "/home/vagrant/.ciliumlab/join"
                  if control_plane
                    machine.vm.provision "control-plane", type: "shell", path: {{Ruby(VagrantProvisioning.Folder + "/control-plane.sh")}}, env: kubelet.merge(
                      NODE_ADDRESS: node[:address],
                      POD_CIDR: {{Ruby(topology.PodCidr.ToString())}},
                      SERVICE_CIDR: {{Ruby(topology.ServiceCidr.ToString())}}
                    )
                  else
                    machine.vm.provision "worker", type: "shell", path: {{Ruby(VagrantProvisioning.Folder + "/worker.sh")}}, env: kubelet.merge(
                      API_SERVER: "#{NODES.first[:address]}:6443"
                    )
                  end
                end
              end
            end

            """.ReplaceLineEndings("\n");
    }

    /// <summary>What VirtualBox calls a node's machine: the lab's name is part of it, so that labs live side by side.</summary>
    public static string MachineName(string lab, string node) => $"{lab}-{node}";

    // Double quotes are for what has a quote in it; everything else is written as a person would.
    private static string Ruby(string text)
    {
        var written = new StringBuilder("\"");
        foreach (var character in text)
        {
            if (character is '"' or '\\' or '#')
                written.Append('\\');
            written.Append(character);
        }

        return written.Append('"').ToString();
    }

    private static string Netmask(IPNetwork network) =>
        new IPAddress(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(network.PrefixLength == 0 ? 0u : uint.MaxValue << (32 - network.PrefixLength)))
            .ToString();
}
