using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Labs.Description;

/// <summary>What a lab may be called: its name is also a folder's name on every operating system.</summary>
public static partial class LabName
{
    /// <summary>Returns the name, or refuses it.</summary>
    /// <exception cref="LabException"><c>LabNameInvalid</c>.</exception>
    public static string Checked(string name) =>
        Allowed().IsMatch(name)
            ? name
            : throw new LabException(
                "LabNameInvalid",
                LabErrorKind.InvalidArgument,
                $"'{name}' cannot be a lab's name.",
                name,
                "Use up to 63 letters, digits, '.', '_' and '-', beginning with a letter or digit; choose one with -Name.");

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex Allowed();
}
