using CiliumLab.Engine.Labs;

namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>The scripts that make a machine a node. They lie in the lab's folder, for whoever wants to read what was done.</summary>
internal static class VagrantProvisioning
{
    /// <summary>The folder of the scripts inside the lab's.</summary>
    public const string Folder = "provision";

    /// <summary>The Helm version that nodes get.</summary>
    public const string HelmVersion = "3.18.6";

    private const string Resources = "Provisioning/";

    /// <summary>The scripts' names.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(VagrantProvisioning).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Resources, StringComparison.Ordinal))
            .Select(name => name[Resources.Length..])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>A script's text.</summary>
    public static string Text(string name)
    {
        using var script = new StreamReader(typeof(VagrantProvisioning).Assembly.GetManifestResourceStream(Resources + name)!);
        // A checkout on Windows may have made other line ends, which no shell on a node takes.
        return script.ReadToEnd().ReplaceLineEndings("\n");
    }

    /// <summary>Writes the scripts into a lab's folder.</summary>
    public static void Write(string labFolder)
    {
        foreach (var name in Names)
            PrivateFile.Write(Path.Combine(labFolder, Folder, name), Text(name));
    }
}
