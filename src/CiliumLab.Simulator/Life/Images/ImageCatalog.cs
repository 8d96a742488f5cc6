using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace CiliumLab.Simulator.Life;

/// <summary>
/// The images that the lab's registries have. What is not listed can be pulled too and runs without doing anything: a learner's own
/// image need not be known. Charts register theirs with <see cref="Add"/>.
/// </summary>
internal sealed class ImageCatalog
{
    private readonly ConcurrentDictionary<string, Func<ContainerImage, ContainerImage>> _known = new(StringComparer.Ordinal);

    /// <summary>Asked before a pull; what it returns is why the pull fails. Faults use it.</summary>
    public Func<string, string?> PullRefusal { get; set; } = static _ => null;

    /// <summary>Says what images of a repository are and do.</summary>
    /// <param name="repository">With its registry; of every tag.</param>
    /// <param name="describe">Completes the image.</param>
    public void Add(string repository, Func<ContainerImage, ContainerImage> describe) => _known[repository] = describe;

    /// <summary>The image that a name means, registry and tag filled in as containerd does it.</summary>
    public ContainerImage Find(string name)
    {
        var at = name.IndexOf('@', StringComparison.Ordinal);
        var digest = at < 0 ? null : name[(at + 1)..];
        var plain = at < 0 ? name : name[..at];
        var slash = plain.LastIndexOf('/');
        var colon = plain.IndexOf(':', slash + 1);
        var tag = colon < 0 ? "latest" : plain[(colon + 1)..];
        var repository = colon < 0 ? plain : plain[..colon];
        var first = repository.Split('/')[0];
        if (slash < 0)
            repository = "docker.io/library/" + repository;
        else if (!first.Contains('.', StringComparison.Ordinal) && !first.Contains(':', StringComparison.Ordinal) && first != "localhost")
            repository = "docker.io/" + repository;
        var image = new ContainerImage(repository, tag) { Id = Hash($"config {repository}:{tag}"), Digest = digest ?? "sha256:" + Hash($"manifest {repository}:{tag}") };
        return _known.TryGetValue(repository, out var describe) ? describe(image) : image;
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
