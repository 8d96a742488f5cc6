using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Something that moves the cluster towards what its objects ask for. All members are called on the loop.</summary>
/// <param name="loop">The loop that calls it.</param>
internal abstract class Controller(ControlLoop loop)
{
    /// <summary>The loop.</summary>
    protected ControlLoop Loop => loop;

    /// <summary>The cluster's objects.</summary>
    protected ObjectStore Store => loop.Store;

    /// <summary>Objects by node and by owner.</summary>
    protected ClusterIndex Index => loop.Index;

    /// <summary>Now.</summary>
    protected DateTimeOffset Now => loop.Now;

    /// <summary>A change happened: note what must be looked at, and nothing more.</summary>
    public virtual void Changed(ResourceEvent change)
    {
    }

    /// <summary>Looks at what was noted, and acts.</summary>
    public virtual void Reconcile(string key)
    {
    }

    /// <summary>Notes work.</summary>
    protected void Enqueue(string key) => loop.Enqueue(this, key);

    /// <summary>Notes an object.</summary>
    protected void Enqueue(StoredObject obj) => loop.Enqueue(this, KeyOf(obj));

    /// <summary>Notes work for later.</summary>
    protected void EnqueueAfter(string key, TimeSpan delay) => loop.EnqueueAfter(this, key, delay);

    /// <summary>An object's key: <c>namespace/name</c>.</summary>
    protected static string KeyOf(StoredObject obj) => $"{obj.Namespace}/{obj.Name}";

    /// <summary>The object of a key; null when it is gone.</summary>
    protected StoredObject? Find(ResourceType type, string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return Store.Find(type, slash == 0 ? null : key[..slash], key[(slash + 1)..]);
    }
}
