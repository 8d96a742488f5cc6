using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Engine.Labs;

/// <summary>The labs that are known on this computer: one folder each, readable by their owner only.</summary>
/// <param name="root">The folder that holds all labs.</param>
public sealed class LabStore(string root)
{
    private const string DescriptionFile = "lab.yaml";

    /// <summary>The store in the user's data folder: XDG_DATA_HOME, Application Support or %LOCALAPPDATA%.</summary>
    public static LabStore ForUser() =>
        new(Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "ciliumlab",
            "labs"));

    /// <summary>A lab's folder, whether it exists or not.</summary>
    public string Folder(string lab) => Path.Combine(root, lab);

    /// <summary>The names of the known labs, sorted.</summary>
    public IReadOnlyList<string> Names() =>
        Directory.Exists(root)
            ? [.. Directory.EnumerateDirectories(root)
                .Where(folder => File.Exists(Path.Combine(folder, DescriptionFile)))
                .Select(folder => Path.GetFileName(folder))
                .Order(StringComparer.OrdinalIgnoreCase)]
            : [];

    /// <summary>Reads a lab's description.</summary>
    /// <exception cref="LabException"><c>LabNotFound</c>, or the description is not readable.</exception>
    public LabDescription Read(string lab)
    {
        var known = Names();
        var name = known.FirstOrDefault(other => string.Equals(other, lab, StringComparison.OrdinalIgnoreCase));
        if (name is null)
        {
            throw new LabException(
                "LabNotFound",
                LabErrorKind.ObjectNotFound,
                $"There is no lab '{lab}' on this computer{(known.Count == 0 ? "; none is known yet" : $". Known labs: {string.Join(", ", known)}")}.",
                lab,
                "See the known labs with Get-LabCluster, or make this one known: Connect-LabCluster -Inventory FILE -Name " + lab);
        }

        var file = Path.Combine(Folder(name), DescriptionFile);
        return LabYaml.Read(File.ReadAllText(file), file, name);
    }

    /// <summary>Writes a lab's description, whole or not at all.</summary>
    public void Write(LabDescription lab) =>
        PrivateFile.Write(Path.Combine(Folder(lab.Name), DescriptionFile), LabYaml.Write(lab));

    /// <summary>Makes the folder of a new lab.</summary>
    /// <exception cref="LabException"><c>LabExists</c>.</exception>
    public string Reserve(string lab)
    {
        var folder = Folder(LabName.Checked(lab));
        if (Names().Contains(lab, StringComparer.OrdinalIgnoreCase))
        {
            throw new LabException(
                "LabExists",
                LabErrorKind.ResourceExists,
                $"There is a lab '{lab}' on this computer already.",
                lab,
                $"Open it with Connect-LabCluster {lab}, take it away with Remove-LabCluster {lab}, or choose another name with -Name.");
        }

        PrivateFile.MakeFolder(folder);
        return folder;
    }

    /// <summary>Forgets a lab: deletes its folder with everything in it.</summary>
    public void Delete(string lab)
    {
        if (Directory.Exists(Folder(lab)))
            Directory.Delete(Folder(lab), recursive: true);
    }
}
