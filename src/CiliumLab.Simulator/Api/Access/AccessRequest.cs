namespace CiliumLab.Simulator.Api;

/// <summary>What somebody wants to do, as roles speak of it.</summary>
/// <param name="Verb">For instance <c>list</c>.</param>
internal sealed record AccessRequest(string Verb)
{
    /// <summary>The API group; empty for core.</summary>
    public string Group { get; init; } = "";

    /// <summary>The plural name; empty for a path that is no object's.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The part of the object; empty for all of it.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The namespace; empty for all, or none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The object's name; empty when it has none yet, or for many.</summary>
    public string Name { get; init; } = "";

    /// <summary>The path, when it is no object's.</summary>
    public string Path { get; init; } = "";

    /// <summary>The resource as rules name it: <c>pods</c> or <c>pods/log</c>.</summary>
    public string QualifiedResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>What a request of HTTP is.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The whole path.</param>
    /// <param name="target">What the path means; null when it is no object's.</param>
    /// <param name="watches">Whether the query asks for a watch.</param>
    /// <param name="fieldSelector">The query's field selector, which may name one object.</param>
    public static AccessRequest Of(string method, string path, RequestPath? target, bool watches, string? fieldSelector)
    {
        if (target is null)
            return new(method.ToLowerInvariant()) { Path = path };
        var verb = method switch
        {
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => target.Name is null ? "deletecollection" : "delete",
            _ when watches => "watch",
            _ => target.Name is null ? "list" : "get",
        };
        const string named = "metadata.name=";
        return new(verb)
        {
            Group = target.Group,
            Resource = target.Resource,
            Subresource = target.Subresource ?? "",
            Namespace = target.Namespace ?? (target is { Resource: "namespaces", Group: "" } ? target.Name : null) ?? "",
            Name = target.Name ?? (fieldSelector?.StartsWith(named, StringComparison.Ordinal) == true ? fieldSelector[named.Length..] : ""),
        };
    }

    /// <summary>The refusal of this request.</summary>
    public ApiException Refuse(ApiUser user)
    {
        if (Resource.Length == 0)
            return new(403, "Forbidden", $"forbidden: User \"{user.Name}\" cannot {Verb} path \"{Path}\"") { Details = [] };
        var type = new ResourceType { Group = Group, Versions = ["v1"], Resource = Resource, Singular = "", Kind = "" };
        var where = Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{Namespace}\"";
        return ApiException.Forbidden(type, Name, $"User \"{user.Name}\" cannot {Verb} resource \"{QualifiedResource}\" in API group \"{Group}\" {where}");
    }
}
