using System.Net;

namespace CiliumLab.Engine.Cluster.Networks;

/// <summary>Addresses and networks out of the texts that the API has; what is neither is left out.</summary>
internal static class NetworkTexts
{
    /// <summary>The networks among texts.</summary>
    public static IReadOnlyList<IPNetwork> Networks(IEnumerable<string?>? texts) =>
        [.. (texts ?? []).Select(Network).OfType<IPNetwork>()];

    /// <summary>The addresses among texts.</summary>
    public static IReadOnlyList<IPAddress> Addresses(IEnumerable<string?>? texts) =>
        [.. (texts ?? []).Select(Address).OfType<IPAddress>()];

    /// <summary>A network; null when it is none.</summary>
    public static IPNetwork? Network(string? text) => text is not null && IPNetwork.TryParse(text, out var network) ? network : null;

    /// <summary>An address; null when it is none, as a headless service's <c>None</c>.</summary>
    public static IPAddress? Address(string? text) => IPAddress.TryParse(text, out var address) ? address : null;
}
