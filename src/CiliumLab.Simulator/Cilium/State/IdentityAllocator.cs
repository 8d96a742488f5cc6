using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Gives numbers to sets of labels; the numbers live in the API as CiliumIdentity objects.</summary>
/// <param name="store">The API.</param>
/// <param name="seed">Where numbers come from.</param>
internal sealed class IdentityAllocator(ObjectStore store, Seed seed)
{
    private readonly Seed _seed = seed.Fork("identities");

    /// <summary>The identities that the API has, by number.</summary>
    public IReadOnlyList<SecurityIdentity> Allocated => CustomResources.Find(store, CustomResources.Identities) is { } type
        ? [.. store.List(type).Items.Select(Read).OfType<SecurityIdentity>().OrderBy(static identity => identity.Id)]
        : [];

    /// <summary>An identity by its number; null when nobody has it.</summary>
    public SecurityIdentity? Find(uint id)
    {
        if (id is > 0 and <= 10)
            return SecurityIdentity.OfReserved(id);
        return CustomResources.Find(store, CustomResources.Identities) is { } type && store.Find(type, null, id.ToString(CultureInfo.InvariantCulture)) is { } found ? Read(found) : null;
    }

    /// <summary>The identity of a set of labels, made when it is new.</summary>
    public SecurityIdentity Get(ImmutableArray<string> labels)
    {
        var type = CustomResources.Find(store, CustomResources.Identities) ?? throw new InvalidOperationException("CiliumIdentity is not registered.");
        var taken = new HashSet<uint>();
        foreach (var identity in Allocated)
        {
            if (identity.Labels.AsSpan().SequenceEqual(labels.AsSpan()))
                return identity;
            taken.Add(identity.Id);
        }

        // From the labels, so that a number does not depend on who came first.
        var numbers = _seed.Fork(string.Join(';', labels));
        uint id;
        do
            id = SecurityIdentity.FirstOfCluster + (uint)numbers.Next((int)(SecurityIdentity.LastOfCluster - SecurityIdentity.FirstOfCluster + 1));
        while (!taken.Add(id));
        var metadata = new JsonObject();
        foreach (var label in labels.Where(static label => label.StartsWith("k8s:", StringComparison.Ordinal)))
        {
            var parts = label[4..].Split('=', 2);
            if (parts[0].Count(static letter => letter == '/') <= 1)
                metadata[parts[0]] = parts.Length > 1 ? parts[1] : "";
        }

        store.Create(type, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = id.ToString(CultureInfo.InvariantCulture), ["labels"] = metadata },
            ["security-labels"] = SecurityLabels.ToJson(labels),
        });
        return new SecurityIdentity(id, labels);
    }

    private static SecurityIdentity? Read(StoredObject obj) =>
        uint.TryParse(obj.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? new SecurityIdentity(id, SecurityLabels.FromJson(obj.Json.Object("security-labels"))) : null;
}
