using CiliumLab.Engine.Labs;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Integration;

/// <summary>A prompt that is connected to the real nodes, with a data folder of its own.</summary>
internal sealed class LabPrompt : IDisposable
{
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
        Prompt = NewPrompt();
        Connected = Prompt.Run($"Connect-LabCluster -Name real -Inventory $args[0] {parameters}", [inventory, .. more]);
    }

    public Prompt Prompt { get; }

    /// <summary>The data folder.</summary>
    public string Folder { get; }

    /// <summary>What connecting wrote.</summary>
    public Outcome Connected { get; }

    /// <summary>Another prompt that is connected to the same lab.</summary>
    public Prompt Another()
    {
        var prompt = NewPrompt();
        prompt.Get("$null = Connect-LabCluster real");
        return prompt;
    }

    public void Dispose() => Prompt.Dispose();

    private Prompt NewPrompt()
    {
        var prompt = new Prompt();
        PromptLabs.Use(prompt, new LabConnections(new LabStore(Path.Combine(Folder, "ciliumlab", "labs"))));
        return prompt;
    }
}
