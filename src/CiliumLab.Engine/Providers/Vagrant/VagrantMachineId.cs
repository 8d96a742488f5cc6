namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>What VirtualBox knows the machines of a lab by: Vagrant keeps it in .vagrant/machines/NODE/virtualbox/id.</summary>
internal static class VagrantMachineId
{
    /// <summary>The machines that Vagrant has made in a lab's folder.</summary>
    public static Dictionary<string, Guid> Of(string labFolder)
    {
        var machines = new Dictionary<string, Guid>(StringComparer.Ordinal);
        var folder = Path.Combine(labFolder, ".vagrant", "machines");
        if (!Directory.Exists(folder))
            return machines;
        foreach (var node in Directory.EnumerateDirectories(folder))
        {
            var file = Path.Combine(node, "virtualbox", "id");
            if (File.Exists(file) && Guid.TryParse(File.ReadAllText(file), out var id))
                machines[Path.GetFileName(node)] = id;
        }

        return machines;
    }
}
