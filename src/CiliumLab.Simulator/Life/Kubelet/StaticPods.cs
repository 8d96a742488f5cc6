using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Life;

/// <summary>Pods from files in /etc/kubernetes/manifests, and the mirrors that show them in the API.</summary>
/// <param name="kubelet">The kubelet.</param>
internal sealed class StaticPods(NodeKubelet kubelet)
{
    /// <summary>Where manifests lie.</summary>
    public const string Folder = "/etc/kubernetes/manifests";

    private readonly Dictionary<string, string> _hashes = new(StringComparer.Ordinal);

    /// <summary>Reads the files: runs what is new, ends what is gone, and restarts what changed.</summary>
    public void Read()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (pod, hash) in Manifests())
        {
            var key = $"{pod.Text("metadata", "namespace")}/{pod.Text("metadata", "name")}";
            seen.Add(key);
            if (_hashes.TryGetValue(key, out var before) && before != hash)
                kubelet.Pods.EndStatic(key);
            _hashes[key] = hash;
            if (Mirror(pod, hash) is { } mirror)
                kubelet.Pods.RunStatic(mirror);
        }
        foreach (var gone in _hashes.Keys.Where(k => !seen.Contains(k)).ToList())
        {
            _hashes.Remove(gone);
            kubelet.Pods.EndStatic(gone);
        }
    }

    private IEnumerable<(JsonObject Pod, string Hash)> Manifests()
    {
        var node = kubelet.Node;
        if (node.Files.Find(Folder) is not Folder folder)
            yield break;
        string[] names;
        lock (node.Kernel.Gate)
            names = [.. folder.Entries.Select(static e => e.Name).Where(static n => !n.StartsWith('.')).Order(StringComparer.Ordinal)];
        foreach (var name in names)
        {
            JsonObject? pod = null;
            byte[] text = [];
            try
            {
                text = node.Files.Read($"{Folder}/{name}", NodeUser.Root);
                pod = RequestBody.ParseObject(text);
            }
            catch (Exception unreadable) when (unreadable is ApiException or KernelException)
            {
                // What cannot be read is logged and passed over, as the kubelet does.
            }
            if (pod?.Text("kind") != "Pod" || pod.Text("metadata", "name") is not { } plain)
                continue;
            var metadata = pod.Ensure("metadata");
            metadata["name"] = $"{plain}-{node.Name}";
            metadata.Default("namespace", "default");
            yield return (pod, Convert.ToHexStringLower(SHA256.HashData(text))[..32]);
        }
    }

    private StoredObject? Mirror(JsonObject pod, string hash)
    {
        var (ns, name) = (pod.Text("metadata", "namespace")!, pod.Text("metadata", "name")!);
        if (kubelet.Store.Find(ResourceTypes.Pods, ns, name) is { } present)
        {
            if (present.Json.Text("metadata", "annotations", "kubernetes.io/config.hash") == hash)
                return present;
            kubelet.Store.Delete(ResourceTypes.Pods, ns, name, new() { GracePeriodSeconds = 0 });
        }
        if (kubelet.Object is not { } node)
            return null;
        var annotations = pod.Ensure("metadata", "annotations");
        annotations["kubernetes.io/config.hash"] = hash;
        annotations["kubernetes.io/config.mirror"] = hash;
        annotations["kubernetes.io/config.seen"] = ObjectStore.MicroTime(kubelet.Loop.Now);
        annotations["kubernetes.io/config.source"] = "file";
        pod.Ensure("metadata")["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["controller"] = true,
            ["kind"] = "Node",
            ["name"] = node.Name,
            ["uid"] = node.Uid,
        });
        var spec = pod.Ensure("spec");
        spec["nodeName"] = kubelet.Node.Name;
        if (!spec.Objects("tolerations").Any())
            spec["tolerations"] = new JsonArray(new JsonObject { ["effect"] = "NoExecute", ["operator"] = "Exists" });
        try
        {
            return kubelet.Store.Create(ResourceTypes.Pods, pod);
        }
        catch (ApiException)
        {
            return null;
        }
    }
}
