using System.Net;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The addresses of a node's pod network and who has them.</summary>
/// <param name="prefix">The network.</param>
/// <param name="seed">Which address is next.</param>
internal sealed class AddressPool(IpPrefix prefix, Seed seed)
{
    private readonly Dictionary<IPAddress, string> _owners = [];

    /// <summary>The network.</summary>
    public IpPrefix Prefix { get; } = prefix;

    /// <summary>How many addresses can be given: all but the first and the last.</summary>
    public int Capacity => (1 << (32 - Prefix.Length)) - 2;

    /// <summary>Owners by address.</summary>
    public IReadOnlyDictionary<IPAddress, string> Owners => _owners;

    /// <summary>Gives an address; null when none is left.</summary>
    public IPAddress? Allocate(string owner)
    {
        if (_owners.Count >= Capacity)
            return null;
        var start = seed.Next(Capacity);
        for (var step = 0; step < Capacity; step++)
        {
            var address = Prefix[1 + (start + step) % Capacity];
            if (_owners.TryAdd(address, owner))
                return address;
        }

        return null;
    }

    /// <summary>Takes a certain address, or renames its owner.</summary>
    public void Set(IPAddress address, string owner) => _owners[address] = owner;

    /// <summary>Takes an address back.</summary>
    public void Release(IPAddress address) => _owners.Remove(address);
}
