namespace CiliumLab.Engine.Labs.Description;

/// <summary>A YAML file of this module's: for errors, which name the file and say where its fields are described.</summary>
/// <param name="File">The file.</param>
/// <param name="ErrorId">The identifier of errors about it.</param>
/// <param name="HelpTopic">The help topic that describes its fields.</param>
internal sealed record YamlForm(string File, string ErrorId, string HelpTopic)
{
    /// <summary>An inventory, or what this module keeps about a lab.</summary>
    public static YamlForm Inventory(string file) => new(file, "InventoryInvalid", "about_CiliumLab_Inventory");

    /// <summary>A file that says what lab is to be made.</summary>
    public static YamlForm Plan(string file) => new(file, "LabFileInvalid", "about_CiliumLab_LabFile");
}
