using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Integration;

/// <summary>A prompt that is connected to the real nodes, with a data folder of its own.</summary>
internal sealed class LabPrompt : IDisposable
{
    private readonly string? _dataFolderBefore = Environment.GetEnvironmentVariable("XDG_DATA_HOME");

    public LabPrompt(NodeLab lab, params NodePort[] through)
        : this(lab, lab.InventoryFile(through: through), "")
    {
    }

    /// <summary>A prompt that is connected to a cluster of the nodes as well.</summary>
    public LabPrompt(NodeLab lab, RealPods cluster)
        : this(lab, lab.InventoryFile(), "-KubeConfig $args[1]", cluster.KubeConfig)
    {
    }

    private LabPrompt(NodeLab lab, string inventory, string parameters, params object[] more)
    {
        Folder = Directory.CreateDirectory(Path.Combine(lab.Folder, "data-" + Guid.NewGuid().ToString("N"))).FullName;
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", Folder);
        Prompt = new Prompt();
        Connected = Prompt.Run($"Connect-LabCluster -Name real -Inventory $args[0] {parameters}", [inventory, .. more]);
    }

    public Prompt Prompt { get; }

    /// <summary>The data folder.</summary>
    public string Folder { get; }

    /// <summary>What connecting wrote.</summary>
    public Outcome Connected { get; }

    public void Dispose()
    {
        Prompt.Dispose();
        Environment.SetEnvironmentVariable("XDG_DATA_HOME", _dataFolderBefore);
    }
}
