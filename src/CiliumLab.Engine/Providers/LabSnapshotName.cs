using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers;

/// <summary>The names of snapshots, which are parts of file names and words on command lines, and the errors about them.</summary>
public static partial class LabSnapshotName
{
    /// <summary>Returns the name, or refuses it.</summary>
    /// <exception cref="LabException"><c>SnapshotNameInvalid</c>.</exception>
    public static string Checked(string name) =>
        Allowed().IsMatch(name)
            ? name
            : throw new LabException(
                "SnapshotNameInvalid",
                LabErrorKind.InvalidArgument,
                $"'{name}' cannot be a snapshot's name.",
                name,
                "Use up to 63 letters, digits, '.', '_' and '-', beginning with a letter or digit.");

    /// <summary>The lab has one of that name.</summary>
    public static LabException Exists(string lab, string name) =>
        new("SnapshotExists", LabErrorKind.ResourceExists, $"Lab '{lab}' has a snapshot '{name}' already.", name, "Choose another name, or replace it with -Force.");

    /// <summary>The lab has none of that name.</summary>
    public static LabException NotFound(string lab, string name) =>
        new("SnapshotNotFound", LabErrorKind.ObjectNotFound, $"Lab '{lab}' has no snapshot '{name}'.", name, $"See its snapshots with: Get-LabSnapshot -Lab {lab}");

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex Allowed();
}
