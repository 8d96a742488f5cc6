using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>
/// What the API server does to objects of one kind on their way into the store. All methods run inside the store's lock, on an object
/// that nobody else sees yet; the context reads the store as it is at that moment.
/// </summary>
internal class ResourceRules
{
    /// <summary>Rules of a kind that has none.</summary>
    public static readonly ResourceRules None = new();

    /// <summary>Fills in what upstream's defaulting fills in. Called before create and before update.</summary>
    public virtual void Default(JsonObject obj, RuleContext context)
    {
    }

    /// <summary>Resets what a creator may not set, and allocates (service addresses, node ports).</summary>
    public virtual void OnCreate(JsonObject obj, RuleContext context)
    {
    }

    /// <summary>Keeps what an update may not change in silence, and allocates for what became needed.</summary>
    public virtual void OnUpdate(JsonObject obj, JsonObject old, RuleContext context)
    {
    }

    /// <summary>Finds broken rules of a new or changed object.</summary>
    public virtual void Validate(JsonObject obj, RuleContext context, FieldErrors errors)
    {
    }

    /// <summary>Finds changes that are not allowed.</summary>
    public virtual void ValidateUpdate(JsonObject obj, JsonObject old, RuleContext context, FieldErrors errors)
    {
    }

    /// <summary>Whether the object's name may be what it is; null when it may, upstream's complaint otherwise.</summary>
    public virtual string? CheckName(string name) => NameRules.Subdomain(name);

    /// <summary>The grace period for a delete, in seconds; null for kinds that are removed at once.</summary>
    public virtual long? GracePeriod(JsonObject obj, long? requested) => null;

    /// <summary>Whether something other than finalizers keeps a deleted object (a namespace's spec.finalizers).</summary>
    public virtual bool IsHeld(JsonObject obj) => false;

    /// <summary>Refuses the deletion of what may not be deleted.</summary>
    public virtual void CheckDelete(StoredObject obj)
    {
    }

    /// <summary>Marks the object as being deleted, beyond its timestamp (a namespace's phase).</summary>
    public virtual void OnTerminating(JsonObject obj)
    {
    }

    /// <summary>Called after an object was stored; the catalog follows custom resource definitions with it.</summary>
    public virtual void Stored(StoredObject obj, RuleContext context)
    {
    }

    /// <summary>Called after an object left the store.</summary>
    public virtual void Removed(StoredObject obj, RuleContext context)
    {
    }

    /// <summary>Warnings for the writer, as upstream's Warning headers.</summary>
    public virtual IEnumerable<string> Warnings(JsonObject obj) => [];
}

/// <summary>What rules may look at.</summary>
/// <param name="Store">The store, readable and locked by the caller.</param>
/// <param name="Type">The type of the object at hand.</param>
/// <param name="Now">The time of the write.</param>
internal sealed record RuleContext(ObjectStore Store, ResourceType Type, DateTimeOffset Now)
{
    /// <summary>The path that the write came by; null for the object itself.</summary>
    public string? Subresource { get; init; }

    /// <summary>Addresses and ports for services.</summary>
    public ClusterSettings Settings => Store.Settings;

    /// <summary>Random names.</summary>
    public Seed Seed => Store.Seed;
}
