using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Reads the YAML files that users write.</summary>
internal static class LabFiles
{
    /// <summary>Reads a lab.yaml.</summary>
    public static LabPlan ReadPlan(string file) => LabPlan.Read(Read(file, "LabFile", "about_CiliumLab_LabFile"), file);

    /// <summary>Reads a file's text.</summary>
    /// <param name="file">The file.</param>
    /// <param name="what">What it is, as the beginning of error identifiers.</param>
    /// <param name="helpTopic">The help topic that describes such files.</param>
    /// <exception cref="LabException"><c>InventoryNotFound</c>, <c>LabFileNotFound</c>, <c>InventoryNotRead</c>, <c>LabFileNotRead</c>.</exception>
    public static string Read(string file, string what, string helpTopic)
    {
        if (!File.Exists(file))
        {
            throw new LabException(
                what + "NotFound", LabErrorKind.ObjectNotFound, $"There is no file '{file}'.", file, $"Write one as described in: Get-Help {helpTopic}");
        }

        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LabException(
                what + "NotRead", LabErrorKind.PermissionDenied, $"The file '{file}' cannot be read: {error.Message}", file, "Make it readable for you.", error);
        }
    }
}
