using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>One entry of metadata.ownerReferences.</summary>
/// <param name="ApiVersion">The owner's apiVersion.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its identifier.</param>
/// <param name="IsController">Whether it is the one owner that manages the object.</param>
/// <param name="Blocks">Whether the owner's foreground deletion waits for the object.</param>
internal sealed record OwnerReference(string ApiVersion, string Kind, string Name, string Uid, bool IsController, bool Blocks);

/// <summary>Reading and writing owner references.</summary>
internal static class OwnerReferences
{
    /// <summary>The owners of an object.</summary>
    public static IEnumerable<OwnerReference> Owners(this StoredObject obj) => obj.Json.Objects("metadata", "ownerReferences").Select(static r => new OwnerReference(
        r.Text("apiVersion") ?? "", r.Text("kind") ?? "", r.Text("name") ?? "", r.Text("uid") ?? "", r.Flag("controller"), r.Flag("blockOwnerDeletion")));

    /// <summary>The owner that manages the object; null when nobody does.</summary>
    public static OwnerReference? Controller(this StoredObject obj) => obj.Owners().FirstOrDefault(static o => o.IsController);

    /// <summary>The reference that an object's controller puts into what it makes.</summary>
    public static JsonObject AsController(this StoredObject owner) => new()
    {
        ["apiVersion"] = owner.Type.ApiVersion,
        ["kind"] = owner.Type.Kind,
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };
}
