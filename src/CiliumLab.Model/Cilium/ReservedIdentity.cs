namespace CiliumLab.Model;

/// <summary>The security identities that Cilium gives a fixed number (pkg/identity/numericidentity.go).</summary>
public static class ReservedIdentity
{
    // What the host adds to itself when it runs the API server is no name of its own.
    private static readonly string[] Names =
        ["unknown", "host", "world", "unmanaged", "health", "init", "remote-node", "kube-apiserver", "ingress", "world-ipv4", "world-ipv6", "encrypted-overlay"];

    /// <summary>The name of an identity: that of a reserved one, else its number.</summary>
    public static string Name(uint identity) => identity < Names.Length ? Names[identity] : identity.ToString(null, null);

    /// <summary>The number of a reserved identity's name, with or without <c>reserved:</c>; null when there is no such one.</summary>
    public static uint? Number(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var index = Array.IndexOf(Names, name.StartsWith("reserved:", StringComparison.Ordinal) ? name["reserved:".Length..] : name);
        return index < 0 ? null : (uint)index;
    }

    /// <summary>The number of an identity by its labels, when they are a reserved one's; null when they are not.</summary>
    public static uint? Number(LabelDictionary labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var numbers = labels.Texts.Where(static text => text.StartsWith("reserved:", StringComparison.Ordinal)).Select(Number).OfType<uint>().ToList();
        return numbers switch
        {
            [] => null,

            // The API server's node is host or remote-node and kube-apiserver at once; kube-apiserver is the identity only off the node.
            _ when numbers.Contains(1) => 1,
            _ when numbers.Contains(7) => 7,
            [var only] => labels.Count == 1 ? only : null,
            _ => null,
        };
    }
}
