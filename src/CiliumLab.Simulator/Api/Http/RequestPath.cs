namespace CiliumLab.Simulator.Api;

/// <summary>What a path of the API means.</summary>
/// <param name="Group">The API group; empty for core.</param>
/// <param name="Version">The version.</param>
/// <param name="Namespace">The namespace; null when the path names none.</param>
/// <param name="Resource">The plural name.</param>
/// <param name="Name">The object's name; null for a collection.</param>
/// <param name="Subresource">The part of the object; null for all of it.</param>
internal sealed record RequestPath(string Group, string Version, string? Namespace, string Resource, string? Name, string? Subresource)
{
    /// <summary>Reads a path such as <c>/apis/apps/v1/namespaces/default/deployments/web/scale</c>; null when it is no object's.</summary>
    public static RequestPath? Parse(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (group, version, rest) = parts switch
        {
            ["api", var v, .. var r] when r.Length > 0 => ("", v, r),
            ["apis", var g, var v, .. var r] when r.Length > 0 => (g, v, r),
            _ => ("", "", []),
        };
        for (var i = 0; i < rest.Length; i++)
            rest[i] = Uri.UnescapeDataString(rest[i]);
        return rest switch
        {
            [] => null,
            ["namespaces", var name, "status" or "finalize"] => new(group, version, null, "namespaces", name, rest[2]),
            ["namespaces", var ns, var resource, .. var more] => Of(group, version, ns, resource, more),
            [var resource, .. var more] => Of(group, version, null, resource, more),
        };
    }

    private static RequestPath? Of(string group, string version, string? ns, string resource, string[] more) => more switch
    {
        [] => new(group, version, ns, resource, null, null),
        [var name] => new(group, version, ns, resource, name, null),
        [var name, var subresource] => new(group, version, ns, resource, name, subresource),
        [var name, "proxy", ..] => new(group, version, ns, resource, name, "proxy"),
        _ => null,
    };
}
