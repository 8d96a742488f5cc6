using System.Reflection;
using k8s;
using k8s.Models;

namespace CiliumLab.Engine.Cluster;

/// <summary>Where the objects of a kind are in the API.</summary>
/// <param name="Group">The API group; empty for the core one.</param>
/// <param name="Version">The version.</param>
/// <param name="Kind">The kind's name.</param>
/// <param name="Plural">The name in paths.</param>
internal sealed record ResourceKind(string Group, string Version, string Kind, string Plural)
{
    /// <summary>The <c>apiVersion</c> of its objects.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The kind of a model class, from the attribute that the library's and our own models carry.</summary>
    public static ResourceKind Of<T>()
        where T : IKubernetesObject => Kept<T>.Kind;

    /// <summary>The path of its objects, below the server's address.</summary>
    public string Path(string? ns) =>
        $"{(Group.Length == 0 ? "api" : $"apis/{Group}")}/{Version}/{(ns is null ? "" : $"namespaces/{Uri.EscapeDataString(ns)}/")}{Plural}";

    private static class Kept<T>
    {
        public static readonly ResourceKind Kind = typeof(T).GetCustomAttribute<KubernetesEntityAttribute>() is { } entity
            ? new ResourceKind(entity.Group ?? "", entity.ApiVersion, entity.Kind, entity.PluralName)
            : throw new InvalidOperationException($"{typeof(T).Name} has no KubernetesEntity attribute.");
    }
}
