using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Engine.Providers;

namespace CiliumLab.Engine.Labs;

/// <summary>Opens labs: gives every node the shell that its provider has for it.</summary>
public static class LabSessionFactory
{
    /// <summary>Opens a lab; nothing is contacted yet.</summary>
    /// <param name="description">The lab.</param>
    /// <param name="folder">The folder that holds its state.</param>
    /// <param name="credential">What the user gave to log in with.</param>
    public static LabSession Open(LabDescription description, string folder, SshCredential credential)
    {
        var provider = LabProviders.Of(description.Provider);
        return new LabSession(description, folder, node => provider.Reach(description, node, folder, credential));
    }
}
